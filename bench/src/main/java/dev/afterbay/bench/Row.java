package dev.afterbay.bench;

import org.jspecify.annotations.Nullable;

/**
 * One line of the table.
 *
 * @param what the name of the benchmark, and what it counted
 * @param unit such as {@code /s}, {@code ms}, {@code MiB}
 * @param ratios of each value to the raw limit of its own run; null: nothing to compare with
 */
record Row(
    String what, String unit, Numbers values, Goal goal, @Nullable Numbers ratios, Goal ratioGoal) {

  Row(String what, String unit, Numbers values, Goal goal) {
    this(what, unit, values, goal, null, Goal.NONE);
  }

  Row(String what, String unit, Plan.Compared compared, Goal goal) {
    this(what, unit, compared.values(), goal, compared.ratios(), Goal.NONE);
  }

  /** Whether the medians are as good as they should be. */
  boolean isMet() {
    return goal.isMetBy(values.median()) && (ratios == null || ratioGoal.isMetBy(ratios.median()));
  }

  boolean hasGoal() {
    return !goal.equals(Goal.NONE) || !ratioGoal.equals(Goal.NONE);
  }
}
