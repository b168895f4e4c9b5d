// What scrolls sideways must be within reach of the keyboard.
function reach() {
  for (const element of document.querySelectorAll("main pre > code, main table")) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
  }
}
addEventListener("load", reach);
addEventListener("resize", reach);

// mdBook's switch of the sidebar is the label of a hidden checkbox, which no key reaches: a button clicks it.
function sidebarButton() {
  const label = document.getElementById("mdbook-sidebar-toggle");
  const checkbox = document.getElementById("mdbook-sidebar-toggle-anchor");
  const button = document.createElement("button");
  for (const name of ["class", "title", "aria-label", "aria-controls"]) button.setAttribute(name, label.getAttribute(name));
  button.type = "button";
  button.append(...label.childNodes);
  button.addEventListener("click", () => label.click());
  const tell = () => button.setAttribute("aria-expanded", checkbox.checked);
  checkbox.addEventListener("change", tell);
  tell();
  label.hidden = true;
  label.after(button);
}

// The folds of the sidebar are links that lead nowhere: they become buttons, and say what they fold.
function foldButtons() {
  for (const fold of document.querySelectorAll("#mdbook-sidebar .chapter-fold-toggle")) {
    const item = fold.closest("li");
    const tell = () => fold.setAttribute("aria-expanded", item.classList.contains("expanded"));
    fold.setAttribute("role", "button");
    fold.setAttribute("aria-label", `Below ${fold.previousElementSibling.textContent}`);
    fold.tabIndex = 0;
    fold.addEventListener("click", tell);
    fold.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      fold.click();
    });
    tell();
  }
}

// What the parts of the page are, mdBook tells by their looks only.
function names() {
  document.getElementById("mdbook-menu-bar").setAttribute("role", "banner");
  document.getElementById("mdbook-search-wrapper").setAttribute("role", "search");
  const field = document.getElementById("mdbook-searchbar");
  field.setAttribute("aria-label", "Search this book");
  // It names an element that is called otherwise.
  field.setAttribute("aria-describedby", "mdbook-searchresults-header");
  document.getElementById("mdbook-searchresults-header").setAttribute("role", "status");
  document.querySelector("#mdbook-sidebar a.active")?.setAttribute("aria-current", "page");
}

// The empty corner of a table heads nothing.
function corners() {
  for (const corner of document.querySelectorAll("main th:empty")) corner.replaceWith(document.createElement("td"));
}

addEventListener("DOMContentLoaded", () => {
  corners();
  sidebarButton();
  foldButtons();
  names();
});
