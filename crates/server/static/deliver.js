// Posts an answer on to the application that asked for it. Without scripts the page's button does the same.

document.querySelector("form[data-deliver]")?.requestSubmit();
