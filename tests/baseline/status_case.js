// The rules of udfs/status/documents/user_status.txt as somebody would write them by hand, with SQL's meaning of NULL:
// a comparison with it is not true. Facts arrive as JSON text or as an object.
function statusCase(facts, rules, asOf) {
  const row = typeof facts === "string" ? JSON.parse(facts) : facts;
  const plan = row.plan;
  const total = row.total;
  const known = total !== null;
  if (row.is_unsubscribed === true && known && total < 80) return "Do not contact";
  if (plan === "business" || plan === "enterprise") {
    if (row.seats_used !== null && row.seats_purchased !== null && row.seats_used >= row.seats_purchased)
      return "Expansion";
  }
  if (plan !== null && plan !== "free" && plan !== "trial") return "Customer";
  if (plan === "trial" && row.trial_ends_at !== null && Date.parse(row.trial_ends_at) * 1000 <= asOf) {
    return known && total >= 50 ? "Trial ended, engaged" : "Trial ended";
  }
  if (known && total >= 80) return "Sales";
  if (known && total >= 50 && total <= 79.5 && (plan === null || plan === "free")) return "Product qualified";
  if (!known || total === 0) return "Dormant";
  return "Nurture";
}
