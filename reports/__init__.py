"""Documents and pictures: what can be handed in, printed or sent (简报、考评表、台账、榜单).

A reading of the use cases becomes a `document.Document` (pure), and a writer turns any document into
xlsx, docx or PDF. Figures arrive as the text that console and chat show, so that all of them agree to the
digit. Imports neither SQL nor Flask nor bot. Key types: `document.Document`, `document.Table`.
"""
