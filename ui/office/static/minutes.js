// Opens the print dialogue by the button.
"use strict";

document.getElementById("print").addEventListener("click", () => window.print());
