import { h } from "../dom.js";

export default {
  id: "score",
  title: "Score",
  mount(root, { sample }) {
    root.append(h("p", {}, `${sample.workspaces.length} workspaces`));
  },
};
