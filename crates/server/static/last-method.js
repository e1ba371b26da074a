// Remembers the NAME of the method that last worked in this browser ("passkey", "password", "pass"): no person, no
// secret, and nothing that is sent anywhere. It only decides which choice stands first.

const KEY = "keyward.last-method";
const KNOWN = ["passkey", "password", "pass"];

export function rememberMethod(name) {
  if (!KNOWN.includes(name)) return;
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Storage can be forbidden; the usual order stays.
  }
}

function lastMethod() {
  try {
    const name = localStorage.getItem(KEY);
    return KNOWN.includes(name) ? name : null;
  } catch {
    return null;
  }
}

for (const form of document.querySelectorAll("form[data-remember-method]")) {
  form.addEventListener("submit", () => rememberMethod(form.dataset.rememberMethod));
}

// The elements themselves move, not only their picture: keyboard and screen reader follow the same order.
const list = document.querySelector("[data-method-list]");
const first = list?.querySelector(`[data-method="${lastMethod()}"]`);
if (first) list.prepend(first);
