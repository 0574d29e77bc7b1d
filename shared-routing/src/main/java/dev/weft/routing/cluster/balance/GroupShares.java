package dev.weft.routing.cluster.balance;

import dev.weft.routing.cluster.balance.Localities.Group;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * How much of the requests each group of endpoints gets now, by how many of its endpoints are well.
 * Immutable: made anew when one falls ill or recovers.
 *
 * <p>A group counts as whole while five sevenths of it are well. Beyond that, groups in order pass
 * on what they cannot take; groups with shares get the less of theirs.
 *
 * <p>Source: Envoy's priority levels and locality weights, overprovisioning factor 1.4.
 */
public final class GroupShares {

  private static final double OVERPROVISIONED = 1.4;
  private static final int WHOLE = 1_000_000;

  private final int[] bounds; // parts of a million, added up

  /**
   * @param groups at least one
   * @param well whether an endpoint is, by its index
   */
  public GroupShares(List<Group> groups, IntPredicate well) {
    double[] part = new double[groups.size()];
    boolean inOrder = groups.get(0).share() == 0;
    double left = 1;
    for (int i = 0; i < part.length; i++) {
      double able = able(groups.get(i), well);
      part[i] = inOrder ? Math.min(left, able) : able * groups.get(i).share();
      left -= inOrder ? part[i] : 0;
    }
    this.bounds = bounds(part, groups);
  }

  private static double able(Group group, IntPredicate well) {
    long count = group.members().stream().filter(well::test).count();
    return Math.min(1, OVERPROVISIONED * count / group.members().size());
  }

  private static int[] bounds(double[] part, List<Group> groups) {
    double sum = 0;
    for (double one : part) {
      sum += one;
    }
    int[] bounds = new int[part.length];
    double upTo = 0;
    for (int i = 0; i < part.length; i++) {
      // where nobody is well: in order the nearest, else as configured
      double own = sum > 0 ? part[i] / sum : asWritten(groups, i);
      upTo += own;
      bounds[i] = (int) Math.round(upTo * WHOLE);
    }
    bounds[part.length - 1] = WHOLE;
    return bounds;
  }

  private static double asWritten(List<Group> groups, int index) {
    double sum = groups.stream().mapToInt(Group::share).sum();
    return sum > 0 ? groups.get(index).share() / sum : index == 0 ? 1 : 0;
  }

  /** A group, by chance. */
  public int pick(long draw) {
    int ticket = (int) Long.remainderUnsigned(draw, WHOLE);
    int group = 0;
    while (ticket >= bounds[group]) {
      group++;
    }
    return group;
  }

  /** The part of a group, 0 to 1. */
  public double of(int group) {
    int before = group == 0 ? 0 : bounds[group - 1];
    return (bounds[group] - before) / (double) WHOLE;
  }
}
