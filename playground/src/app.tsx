// The page.

export function App() {
  return <h1>nablanet playground</h1>;
}
