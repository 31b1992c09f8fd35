// The app of ../app/main.js, as a page of Next.js.

"use client";

import { Dataset, Network, Trainer } from "nablanet";
import { useEffect, useState } from "react";
import { train } from "../../app/train.js";

export default function Page() {
  const [parameters, setParameters] = useState("");
  useEffect(() => {
    train({ Dataset, Network, Trainer }).then((trained) => setParameters(JSON.stringify(trained)));
  }, []);
  return <output>{parameters}</output>;
}
