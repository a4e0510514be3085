// A number's card: how it was made. Without JavaScript the page reads the same, without cards.
"use strict";
const estimates = JSON.parse(document.getElementById("estimates").textContent);
const card = document.getElementById("card");
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-estimate]");
  if (!link) return;
  event.preventDefault();
  const id = link.dataset.estimate;
  document.getElementById("card-title").textContent = id;
  const list = card.querySelector("dl");
  list.replaceChildren();
  for (const [key, value] of Object.entries(estimates[id])) {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = key.replace("_", " ");
    text.textContent = value;
    list.append(term, text);
  }
  card.showModal();
});
