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

  // A button of the row, or of the page where it is of one article.
  function press(key) {
    const button = (current() || document.querySelector(".pw-marks") || document.body).querySelector(`[data-key="${key}"]`);
    if (button) button.click();
  }

  // One after the other, so that the page shows what was done last.
  let asked = Promise.resolve();
  function send(button, fields) {
    const row = button.closest(".pw-row");
    const key = button.dataset.key && `[data-key="${button.dataset.key}"]`;
    const address = button.getAttribute("formaction") || button.form.getAttribute("action");
    const done = asked.then(async () => {
      const answer = await fetch(address, { method: "POST", body: fields });
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      show(row ? `#${row.id}` : `.pw-marks ${key || ""}`, key, page);
    });
    asked = done.catch(() => {});
    return done;
  }

  // A mark is put without leaving the page: its place, and what the way back leads to, stay. Where
  // that does not work, the form is sent as any other.
  function mark(form, button) {
    send(button, new URLSearchParams(new FormData(form, button))).catch(() => {
      form.dataset.plain = "";
      form.requestSubmit(button);
    });
  }

  // What the page would show now, in the place of what it shows.
  function show(where, key, page) {
    const place = document.querySelector(where);
    const next = page.querySelector(where);
    const active = document.activeElement;
    const hadFocus = place.contains(active);
    if (!next) { // no longer in this list
      const other = place.nextElementSibling || place.previousElementSibling;
      place.remove();
      if (hadFocus && link(other)) link(other).focus();
      return;
    }
    const note = place.querySelector("textarea");
    if (note && note !== active && note.value !== note.defaultValue) { // begun, and not kept yet
      next.querySelector("textarea").value = note.value;
      next.querySelector("details").open = true;
    }
    place.replaceWith(next);
    const same = active.matches("[data-key]") ? key : ["textarea", "input[type=text]", "summary"].find((name) => active.matches(name));
    const focused = next.matches(key || "form") ? next : same ? next.querySelector(same) : link(next);
    if (hadFocus && focused) focused.focus();
  }

  // Who opens an article reads it; one that is marked as unread then stays so.
  function noteOpened() {
    const unread = document.querySelector('.pw-marks [data-key="unread"][value="read"]');
    if (!unread) return;
    const fields = new URLSearchParams(new FormData(unread.form));
    fields.set("do", "open");
    send(unread, fields).catch(() => {}); // the button is there
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
    s: () => press("star"),
    u: () => press("unread"),
    "?": help,
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, dialog, [contenteditable]");
    if (typing || event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    actions[event.key]();
  });

  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if ("plain" in form.dataset || !submitter || !submitter.closest(".pw-rowmarks, .pw-marks")) return;
    event.preventDefault();
    mark(form, submitter);
  });
  noteOpened();

  // Datasette's own script for its menus closes whatever else a page unfolds, too.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.actions-menu-links[open]")) menu.open = menu.contains(event.target);
  });

  // The editor for SQL makes a field of its own, which has no name.
  addEventListener("load", () => {
    for (const field of document.querySelectorAll(".CodeMirror textarea")) field.setAttribute("aria-label", "SQL");
  });
})();
