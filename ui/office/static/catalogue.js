// Marks the line with the mistake in the catalogue's text, and shows it.
"use strict";

const mistake = document.getElementById("mistake");
const text = document.getElementById("text");
const line = Number(mistake?.dataset.line ?? 0);
if (line > 0) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  text.focus({ preventScroll: true });
  text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  text.scrollTop = (text.scrollHeight / lines.length) * Math.max(0, line - 5);
}
