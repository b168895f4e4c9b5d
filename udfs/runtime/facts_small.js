// Stands in for facts_fast.js in bodies that have no room for it: every row of facts goes the general way.

function load(row, name) {
  return row[name];
}

function scan() {
  return -1;
}

function learn() {}

function forget() {}
