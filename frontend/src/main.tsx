// Boots the interface in the page that the server has already rendered for everybody.
import "./icon.svg?url";
import type { ComponentChild } from "preact";
import { render } from "preact";
import { inLanguage } from "./city/address";
import { App } from "./page/app";
import { follow } from "./city/link";
import { load } from "./city/facts";
import { begin } from "./city/replay";
import { Figure, Time } from "./page/header";

function enliven(id: string, live: ComponentChild): void {
  const place = document.getElementById(id);
  place?.replaceChildren();
  if (place) render(live, place);
}

// Another language shows the same: the moment, the view, the junction.
for (const link of document.querySelectorAll<HTMLAnchorElement>(".languages a")) {
  link.addEventListener("click", () => (link.href = inLanguage(link.hreflang)));
}

void load().then(() => {
  enliven("figure", <Figure />);
  enliven("clock", <Time />);
  enliven("app", <App />);
  follow();
  begin();
});
