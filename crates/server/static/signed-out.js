// Goes on when every application was told, or after a while: one that does not answer must not hold anybody up. Without
// scripts the frames load all the same, and the person presses the button.

const LONGEST = 4000;

const told = [...document.querySelectorAll("iframe")].map(
  (frame) => new Promise((done) => frame.addEventListener("load", done)),
);
const late = new Promise((done) => setTimeout(done, LONGEST));
await Promise.race([Promise.all(told), late]);
const next = document.querySelector("a[data-next]");
if (next) location.replace(next.href);
