// Opens the site in the reader's language when there is one page for it; the links stay without.
"use strict";
const known = document.body.dataset.languages.split(" ");
const wished = (navigator.languages || []).map((tag) => tag.slice(0, 2));
location.replace(`${wished.find((tag) => known.includes(tag)) || known[0]}/overview.html`);
