// Keeps what the page says in its console, what nothing catches and what its policy forbids, for a driver that doesn't tell.

window.complaints = [];
for (const level of ["debug", "log", "info", "warn", "error"]) {
  const say = console[level];
  console[level] = (...words) => {
    window.complaints.push(words.map(String).join(" "));
    say.apply(console, words);
  };
}
addEventListener("error", ({ message }) => window.complaints.push(message));
addEventListener("unhandledrejection", ({ reason }) => window.complaints.push(String(reason)));
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  window.complaints.push(`${violatedDirective} forbids ${blockedURI}`);
});
