// Scores workspaces by a model with the package's functions, without a page: what the panel Score computes.
import { factsOf, usersAt, withFirstDays } from "./facts.js";

const DAY = 86_400_000;

/**
 * The model, ready to score, or what is wrong with it: {problems: [{path, problem}]}. Every problem that any function would
 * refuse is among them.
 */
export function compile(plg, text) {
  let problems;
  try {
    const checked = new plg.ModelChecked(text);
    problems = checked.modelCheck();
    checked.free();
  } catch (error) {
    // Not JSON at all; the error says so after the function's name.
    problems = [{ path: "model", problem: error.message.replace(/^plg\.model_check: model: /, "") }];
  }
  if (problems.length) return { problems };
  const model = JSON.parse(text);
  const compiled = {
    text,
    model,
    problems,
    adminRoles: model.admin_roles ?? [],
    workspace: new plg.WorkspaceModel(text),
    states: new plg.FitStates(text),
    roles: new plg.FitRoles(text),
    free() {
      for (const part of [this.workspace, this.states, this.roles]) part.free();
    },
  };
  return compiled;
}

/** The role that a user has in a workspace, as the dbt package finds it. */
export function roleOf(compiled, user) {
  const { role } = compiled.roles.roleFactor({
    is_workspace_admin: user.is_workspace_admin, seniority: user.seniority, persona: user.persona,
    is_student: user.is_student, has_personal_email: user.has_personal_email,
    is_in_target_function: user.is_in_target_function,
  });
  if (role !== null) return role;
  // The role in the product at large; but nobody is an admin of a workspace that says otherwise.
  return user.is_workspace_admin === false && compiled.adminRoles.includes(user.role) ? null : user.role;
}

/** What the functions are called with: {users, events, facts, states, asOf}. `changes` are what-ifs: {roles, facts}. */
export function inputs(compiled, workspace, events, asOf, changes = {}) {
  const users = usersAt(workspace, asOf).map((user) => ({
    user_id: user.user_id,
    role: changes.roles?.[user.user_id] ?? roleOf(compiled, user),
    persona: user.persona,
  }));
  const facts = { ...factsOf({ workspace, users, events, adminRoles: compiled.adminRoles, asOf }), ...changes.facts };
  return {
    users,
    events: withFirstDays(events).filter(({ occurred_at }) => Date.parse(occurred_at) <= asOf),
    facts,
    states: compiled.states.modelStates(facts, new Date(asOf)),
    asOf,
  };
}

/** The result of score_workspace. */
export function score(compiled, { users, events, states, asOf }, previousStage = null) {
  return compiled.workspace.scoreWorkspace(users, events, states, null, previousStage, new Date(asOf));
}

/**
 * The score at the same time of each following day if nothing happens any more: [{day, total, stage, components}]. The
 * facts are those of the day, too: trials end, and activity leaves its windows. Each day's stage is kept as the model says.
 */
export function timeline(compiled, workspace, events, asOf, days, changes) {
  const points = [];
  let stage = null;
  for (let day = 0; day <= days; day++) {
    const result = score(compiled, inputs(compiled, workspace, events, asOf + day * DAY, changes), stage);
    stage = result.stage;
    points.push({ day, total: result.total, stage, components: result.components });
  }
  return points;
}

/** Total and stage of every workspace: [{workspace_id, name, total, stage}]. */
export function population(compiled, workspaces, asOf) {
  return workspaces
    .filter(({ created_at }) => !created_at || Date.parse(created_at) <= asOf)
    .map((workspace) => {
      const { total, stage } = score(compiled, inputs(compiled, workspace, workspace.events, asOf));
      return { workspace_id: workspace.workspace_id, name: workspace.name, total, stage };
    });
}

/** The names of facts that stand in a model's conditions about workspaces, in the order of `facts`. */
export function factsUsed(model, facts) {
  const conditions = [...(model.states ?? []), ...(model.fit?.rules ?? []), ...(model.milestones ?? [])]
    .map(({ when }) => when).join("\n");
  return Object.keys(facts).filter((fact) => new RegExp(`\\b${fact}\\b`).test(conditions));
}
