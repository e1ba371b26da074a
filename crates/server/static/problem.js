// Shows what went wrong in the page's own alert. The texts come from the page (message catalogue), or from the server.

const box = document.querySelector("[data-problem]");

/** Fills and focuses the alert: a screen reader reads it, a keyboard continues from it. */
export function showProblem(error) {
  if (!box) return;
  const problem = error.problem;
  part("title").textContent = problem?.title ?? box.dataset[field(error.kind, "Title")] ?? box.dataset.failedTitle;
  part("text").textContent = problem?.message ?? box.dataset[field(error.kind, "Text")] ?? box.dataset.failedText;
  part("detail").textContent = problem?.detail ?? "";
  part("detail").hidden = !problem?.detail;
  const reference = [problem?.code, problem?.correlationId].filter(Boolean);
  part("code").textContent = reference[0] ?? "";
  part("correlation").textContent = reference[1] ?? "";
  part("reference").hidden = reference.length === 0;
  box.hidden = false;
  box.focus();
}

export function hideProblem() {
  if (box) box.hidden = true;
}

function part(name) {
  return box.querySelector(`[data-problem-${name}]`);
}

function field(kind, ending) {
  return kind.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase()) + ending;
}
