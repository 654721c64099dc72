// A page that the browser kept whole shows an old choice: it is asked for anew.
addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("#basket, [name='seen']")) location.reload();
});
