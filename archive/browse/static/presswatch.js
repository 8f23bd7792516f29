// Keys for readers who keep their hands on the keyboard. Every page works without this script.
"use strict";
(() => {
  const KEYS = [
    ["/", "search"],
    ["j", "next in the list, or next article"],
    ["k", "the one before"],
    ["o", "open it"],
    ["s", "star it, or take the star back"],
    ["u", "mark it unread, or read"],
    ["?", "these keys"],
  ];
  const rows = () => [...document.querySelectorAll(".pw-row")];
  const current = () => document.activeElement && document.activeElement.closest(".pw-row");
  const link = (row) => row && row.querySelector(".pw-headline a");

  function move(step) {
    const all = rows();
    if (!all.length) {
      const other = document.querySelector(step > 0 ? "a[rel=next]" : "a[rel=prev]");
      if (other) other.click();
      return;
    }
    const at = all.indexOf(current());
    const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
    link(next).focus();
    next.scrollIntoView({ block: "nearest" });
  }

  // A form of the row, or of the page where it is of one article.
  function send(name) {
    const form = (current() || document).querySelector(`form[data-key="${name}"]`);
    if (form) form.requestSubmit();
  }

  function help() {
    const dialog = document.createElement("dialog");
    const list = document.createElement("dl");
    dialog.setAttribute("aria-label", "Keys");
    dialog.className = "pw-keys";
    for (const [key, means] of KEYS) {
      const term = document.createElement("dt");
      const text = document.createElement("dd");
      term.textContent = key;
      text.textContent = means;
      list.append(term, text);
    }
    const button = document.createElement("button");
    button.textContent = "Close";
    button.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    dialog.append(list, button);
    document.body.append(dialog);
    dialog.showModal();
  }

  const actions = {
    "/": () => (document.querySelector("#q") || document.querySelector(".pw-search input")).focus(),
    j: () => move(1),
    k: () => move(-1),
    o: () => { const found = link(current()); if (found) found.click(); },
    s: () => send("star"),
    u: () => send("unread"),
    "?": help,
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, dialog, [contenteditable]");
    if (typing || event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    actions[event.key]();
  });

  // The editor for SQL makes a field of its own, which has no name.
  addEventListener("load", () => {
    for (const field of document.querySelectorAll(".CodeMirror textarea")) field.setAttribute("aria-label", "SQL");
  });
})();
