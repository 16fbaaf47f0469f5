// Opens the print dialogue, at once and by the button.
"use strict";

document.getElementById("print").addEventListener("click", () => window.print());
window.addEventListener("load", () => window.print());
