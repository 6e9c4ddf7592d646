// Draws the figures whose descriptions lie beside them as JSON. Nothing else runs on a page.
"use strict";
for (const element of document.querySelectorAll("[data-figure]")) {
  const { data, layout, config } = JSON.parse(document.getElementById(element.dataset.figure).textContent);
  Plotly.newPlot(element, data, layout, config).then(() => element.classList.add("drawn"));
}
