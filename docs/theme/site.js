// What scrolls sideways must be within reach of the keyboard.
function reach() {
  for (const element of document.querySelectorAll("main pre > code, main table")) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
  }
}
addEventListener("load", reach);
addEventListener("resize", reach);
