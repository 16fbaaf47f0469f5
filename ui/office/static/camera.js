// Reads a receipt's code with the camera of a phone or computer. Nothing is loaded and nobody is asked before the button is
// pressed; no picture leaves the device; the camera is off as soon as a code is found or the page is left.
"use strict";

(() => {
  const READER = "/static/zxing-reader-3.1.4.js";
  const READER_WASM = "/static/zxing-reader-3.1.4.wasm";
  const EVERY_MS = 120;
  // The longer side of the picture that is searched: more costs time and finds nothing more.
  const LONGER_SIDE = 1280;
  // The shortest that opens a request: a tracking number.
  const DIGITS_MIN = 12;

  const field = document.getElementById("scan");
  const part = document.getElementById("camera");
  const start = document.getElementById("camera-start");
  const stop = document.getElementById("camera-stop");
  const view = document.getElementById("camera-view");
  const video = document.getElementById("camera-video");
  const problems = document.getElementById("camera-problems");
  const canvas = document.createElement("canvas");

  let stream = null;
  let timer;
  // Counts the starts and stops: what was asked for before the last one doesn't count any more.
  let turn = 0;

  // Without scripts there is no camera: the button comes with this one.
  part.hidden = false;

  function explain(why) {
    for (const line of problems.children) line.hidden = line.dataset.why !== why;
  }

  function problemOf(error) {
    if (error.name === "NotAllowedError" || error.name === "SecurityError") return "denied";
    if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "none";
    return error.name === "NotReadableError" || error.name === "AbortError" ? "busy" : "failed";
  }

  function loadReader() {
    if (window.ZXingWASM) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = READER;
      script.addEventListener("load", () => {
        window.ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => READER_WASM } });
        resolve();
      });
      script.addEventListener("error", () => {
        script.remove();
        reject(new Error("the reader can't be loaded"));
      });
      document.head.append(script);
    });
  }

  function end() {
    turn += 1;
    clearTimeout(timer);
    const wasOpen = !view.hidden;
    const hadFocus = view.contains(document.activeElement);
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    view.hidden = true;
    start.hidden = false;
    if (wasOpen && hadFocus) start.focus();
  }

  async function begin() {
    explain("");
    // Browsers give cameras only to pages that nobody on the way can have changed.
    if (!window.isSecureContext) return explain("insecure");
    if (!navigator.mediaDevices?.getUserMedia) return explain("none");
    turn += 1;
    const own = turn;
    try {
      const wanted = { facingMode: { ideal: "environment" }, width: { ideal: LONGER_SIDE } };
      const opened = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
      if (own !== turn) {
        for (const track of opened.getTracks()) track.stop();
        return;
      }
      stream = opened;
      opened.getVideoTracks()[0].addEventListener("ended", () => {
        if (own !== turn) return;
        end();
        explain("busy");
      });
      video.srcObject = stream;
      start.hidden = true;
      view.hidden = false;
      stop.focus();
      await Promise.all([video.play(), loadReader()]);
      if (own === turn) look(own);
    } catch (error) {
      if (own !== turn) return;
      end();
      explain(problemOf(error));
    }
  }

  function picture() {
    const scale = Math.min(1, LONGER_SIDE / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  }

  async function look(own) {
    try {
      if (video.videoWidth > 0) {
        const codes = await window.ZXingWASM.readBarcodes(picture(), { formats: ["QRCode"], maxNumberOfSymbols: 4 });
        if (own !== turn) return;
        const texts = codes.filter((code) => code.isValid).map((code) => code.text).filter(isOurs);
        // A receipt may bear its paper copy, too: the short code opens the request in any case.
        texts.sort((one, other) => one.length - other.length);
        if (texts.length > 0) return open(texts[0]);
      }
    } catch (error) {
      if (own !== turn) return;
      end();
      return explain("failed");
    }
    timer = setTimeout(look, EVERY_MS, own);
  }

  // The office has the last word; this only passes over posters and parcels.
  function isOurs(text) {
    return text.replace(/[^0-9]/g, "").length >= DIGITS_MIN;
  }

  function open(text) {
    end();
    field.value = text;
    field.form.requestSubmit();
  }

  start.addEventListener("click", begin);
  stop.addEventListener("click", end);
  window.addEventListener("pagehide", end);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") end();
  });
})();
