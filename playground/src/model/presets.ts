// Runs worth watching, each as a link would have it.

export interface Preset {
  name: string;
  /** What to watch. */
  watch: string;
  hash: string;
}

export const presets: readonly Preset[] = [
  {
    name: "Circle in a circle",
    watch: "Three neurons of the last hidden layer draw three lines, and the output encloses the circle with them.",
    hash: "",
  },
  {
    name: "Exclusive or in four neurons",
    watch: "No single line parts the classes; watch which corner each of the four neurons takes.",
    hash: "data=xor&noise=0&layers=4&rate=0.3",
  },
  {
    name: "Too small for exclusive or",
    watch: "With one neuron the boundary is a straight line, and the accuracy stays near three quarters.",
    hash: "data=xor&noise=0&layers=1&rate=0.3",
  },
  {
    name: "Two spirals",
    watch: "The first layer sees lines, the second bends them, and only the third sees arms of a spiral.",
    hash: "data=spirals&noise=0.02&layers=12,12,8&optimizer=adam&rate=0.01",
  },
  {
    name: "Two moons, learned by heart",
    watch: "Few noisy samples, a large network: the training loss falls on while the test loss rises.",
    hash: "data=moons&samples=80&noise=0.35&split=0.5&dataSeed=3&layers=32-relu,32-relu&optimizer=adam&rate=0.01",
  },
  {
    name: "The same with L2",
    watch: "The penalty keeps the weights small: the boundary stays smooth, and the test loss low.",
    hash: "data=moons&samples=80&noise=0.35&split=0.5&dataSeed=3&layers=32-relu,32-relu&optimizer=adam&rate=0.01&l2=0.003",
  },
  {
    name: "Three clouds, softmax",
    watch: "Three outputs share a probability of one; each claims its cloud.",
    hash: "data=gaussians&noise=0.08&layers=6",
  },
  {
    name: "A network from the book",
    watch: "Sigmoids and the quadratic cost, as in Nielsen's first chapter: 30 neurons learn to read digits; draw one.",
    hash: "data=digits&samples=1797&noise=0&split=0.8&layers=30-sigmoid&output=sigmoid&initializer=normal&loss=quadratic&rate=3&seed=3",
  },
  {
    name: "Digits, as one does it today",
    watch: "ReLU, softmax, cross-entropy, Adam: some nine out of ten are right after two epochs.",
    hash: "data=digits&samples=1797&noise=0&split=0.8&layers=32-relu&optimizer=adam&rate=0.005&batch=32",
  },
  {
    name: "A curve",
    watch: "Each neuron is a bend; their weighted sum becomes the wave.",
    hash: "data=wave&noise=0.05&layers=10,10&optimizer=adam&rate=0.01",
  },
  {
    name: "A landscape",
    watch: "Hills and hollows of a regression rise out of a plane.",
    hash: "data=hills&samples=600&noise=0.02&layers=16,16&optimizer=adam&rate=0.01",
  },
  {
    name: "A learning rate too large",
    watch: "Take one mini-batch after the other: each step overshoots the valley by more, until the cost is no number.",
    hash: "data=ripple&noise=0&layers=8-relu&rate=1.3",
  },
  {
    name: "Dead neurons",
    watch: "Large steps push ReLUs below zero for every sample; their gradients are zero, so they stay silent.",
    hash: "layers=8-relu,8-relu&initializer=normal&rate=3&seed=3",
  },
  {
    name: "Saturation",
    watch: "Weights that start large press tanh against −1 and 1, where it is flat: see the heaps at the ends, below.",
    hash: "layers=32,32,32&initializer=normal&rate=0.003",
  },
  {
    name: "All weights zero",
    watch: "Neurons that start alike get the same gradient and stay alike: the network never uses more than one.",
    hash: "layers=4&initializer=zeros&rate=0.3",
  },
];
