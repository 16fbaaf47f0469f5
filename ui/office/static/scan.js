// Keeps the cursor in the scan field, and reads digits by the key's place on the keyboard: under a French layout a
// scanner's digit keys give symbols, under an Arabic one they may give other digits.
"use strict";

const field = document.getElementById("scan");
const digitKey = /^(?:Digit|Numpad)([0-9])$/;

function typeDigit(event) {
  const key = digitKey.exec(event.code);
  if (!key || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  // The numeric keypad without Num Lock moves the caret; leave that alone.
  if (event.code.startsWith("Numpad") && !/^[0-9\u0660-\u0669\u06f0-\u06f9]$/.test(event.key)) return;
  event.preventDefault();
  field.focus();
  field.setRangeText(key[1], field.selectionStart, field.selectionEnd, "end");
}

field.addEventListener("keydown", typeDigit);

// A scan that begins while nothing else is being typed belongs to the field, its first digit, too.
document.addEventListener("keydown", (event) => {
  if (document.activeElement === null || document.activeElement === document.body) typeDigit(event);
});

window.addEventListener("focus", () => {
  if (document.activeElement === document.body) field.focus();
});

// A paper copy has more digits than a receipt: a keyboard scanner needs up to 20 seconds for it. Who waits sees it come in; the
// words are said once.
const SHORT = 64;
const long = document.querySelector("#scan-long p");
const progress = document.getElementById("scan-progress");
const count = document.getElementById("scan-count");
const counted = count.querySelector("bdi");
const digits = [...count.dataset.digits];

function showProgress() {
  const length = field.value.length;
  const isShort = length <= SHORT;
  if (long.hidden !== isShort) long.hidden = count.hidden = isShort;
  if (isShort) return;
  progress.value = length;
  // Outside the live region: a screen reader says the words once, and not each number.
  counted.textContent = String(length).replace(/[0-9]/g, (digit) => digits[digit]);
}

field.addEventListener("input", showProgress);
field.addEventListener("keydown", showProgress);
