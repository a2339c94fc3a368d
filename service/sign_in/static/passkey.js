// Asks the browser to make or to use a passkey, and sends its answer with the form of the page.
"use strict";

const form = document.getElementById("passkey");

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function options() {
  const read = JSON.parse(form.dataset.options);
  read.challenge = bytes(read.challenge);
  if (read.user) {
    read.user.id = bytes(read.user.id);
  }
  for (const list of [read.excludeCredentials, read.allowCredentials]) {
    for (const each of list || []) {
      each.id = bytes(each.id);
    }
  }
  return { publicKey: read };
}

function answer(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) {
      response[name] = text(credential.response[name]);
    }
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

async function ask(event) {
  event.preventDefault();
  const makes = form.dataset.act === "add";
  let credential = null;
  try {
    credential = await (makes ? navigator.credentials.create(options()) : navigator.credentials.get(options()));
  } catch (error) {
    return; // the person cancelled, or the device has no passkey: the button can be pressed again
  }
  form.elements.credential.value = answer(credential);
  form.submit();
}

if (window.PublicKeyCredential) {
  form.hidden = false;
  document.getElementById("no-passkey").hidden = true;
  form.addEventListener("submit", ask);
}
