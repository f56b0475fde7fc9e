"""A document as PDF by typst, fonts embedded. Texts reach the template as JSON, never as mark-up."""

import json
import sys
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import typst

from reports.document import Document, clean_cell

MEDIA_TYPE = "application/pdf"
_HERE = Path(__file__).parent
FONTS = _HERE / "fonts"


def write_pdf(document: Document) -> bytes:
    """Return a document as PDF of A4 pages."""
    told = json.dumps(_clean(asdict(document)), ensure_ascii=False)
    pdf = _compiler().compile(input=_template(), format="pdf", sys_inputs={"document": told})
    assert isinstance(pdf, bytes)  # noqa: S101 - a list only for pictures of pages
    return pdf


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    # the system's fonts are a fallback for machines on which the bundle was not built
    return typst.Compiler(root=str(_HERE), font_paths=[str(FONTS)], ignore_system_fonts=False)


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (_HERE / "templates" / "document.typ").read_bytes()


def _clean(value: object) -> object:
    if isinstance(value, str):
        return clean_cell(value)
    if isinstance(value, dict):
        return {sys.intern(key): _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value
