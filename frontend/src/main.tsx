// Boots the interface in the page that the server has already rendered for everybody.
import "./icon.svg?url";
import { render } from "preact";
import { App } from "./page/app";
import { follow } from "./city/link";
import { load } from "./city/facts";
import { begin } from "./city/replay";

const place = document.getElementById("app");
if (place) {
  void load().then(() => {
    place.replaceChildren();
    render(<App />, place);
    follow();
    begin();
  });
}
