// The menu on a desk scrolls by itself: the room one stands in is brought into its view.
"use strict";
(() => {
  const menu = document.getElementById("menu");
  const here = menu?.querySelector("[aria-current]");
  if (here && menu.scrollHeight > menu.clientHeight) menu.scrollTop = here.offsetTop - menu.offsetTop - menu.clientHeight / 2;
})();
