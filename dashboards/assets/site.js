// Draws the figures whose descriptions lie beside them as JSON. Nothing else runs on a page.
"use strict";
const NARROW = 420;
for (const element of document.querySelectorAll("[data-figure]")) {
  const { data, layout, config } = JSON.parse(document.getElementById(element.dataset.figure).textContent);
  const bars = data.filter((trace) => trace.textposition === "outside");
  if (bars.length && element.clientWidth < NARROW) {
    // A label beside a bar keeps its first figure; the table below the chart has the others.
    for (const trace of bars) trace.text = trace.text.map((text) => text.split(" · ")[0]);
    layout.margin.r = Math.min(layout.margin.r, 72);
  }
  Plotly.newPlot(element, data, layout, config).then(() => element.classList.add("drawn"));
}
