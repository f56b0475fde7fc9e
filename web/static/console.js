// The day drawer: opens while htmx fetches, takes focus, closes by button, backdrop or Esc.
"use strict";
(() => {
  const drawer = document.getElementById("drawer");
  if (!drawer) return;
  const body = document.getElementById("drawer-body");
  let opener = null;

  const isOurs = (event) => event.detail.target === body;

  const open = () => {
    if (drawer.open) return;
    opener = document.activeElement;
    body.textContent = "正在读取…";
    if (drawer.showModal) drawer.showModal();
    else drawer.setAttribute("open", "");
  };

  const close = () => (drawer.close ? drawer.close() : drawer.removeAttribute("open"));

  document.addEventListener("htmx:beforeRequest", (event) => isOurs(event) && open());
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (isOurs(event)) event.detail.shouldSwap = event.detail.xhr.status !== 401;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isOurs(event)) return;
    drawer.scrollTop = 0;
    document.getElementById("drawer-title")?.focus();
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (isOurs(event)) body.textContent = "网络不通，请稍后再试。";
  });
  drawer.addEventListener("click", (event) => {
    if (event.target === drawer || event.target.closest("[data-close]")) close();
  });
  drawer.addEventListener("close", () => opener?.focus());
})();
