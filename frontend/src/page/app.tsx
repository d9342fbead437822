import { city } from "../city/facts";
export function App() { return <main id="content">{String(city.value?.scenario)}</main>; }
