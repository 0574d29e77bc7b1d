package dev.weft.routing.exchange;

import dev.weft.config.model.HttpAction.Body;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * All that is settled about an exchange before anything is done: the value of {@code
 * RouteTable.decide}. Stages carry it out and never draw.
 *
 * @param route which rule; {@link RouteId#NONE} where no rule matched
 * @param action what to do
 * @param target path and query to send, after the rewrite
 * @param authority to send, after the rewrite
 * @param fault what the draw injects; empty for nothing
 * @param mirrors clusters that get a copy
 */
public record Decision(
    RouteId route,
    Action action,
    String target,
    String authority,
    Optional<Fault> fault,
    List<ClusterName> mirrors) {

  /**
   * A rule of a table.
   *
   * @param name for people: {@code default/reviews#1}, or {@code default/reviews#NAME}
   * @param index of the rule in its table, by which a snapshot finds the rule's stages; -1 only in
   *     {@link #NONE}
   */
  public record RouteId(String name, int index) {
    /** No rule matched. */
    public static final RouteId NONE = new RouteId("-", -1);
  }

  /** What to do with the request. */
  public sealed interface Action {}

  /**
   * Send it on.
   *
   * @param destination index of the drawn destination in the rule
   */
  public record Forward(ClusterName cluster, int destination) implements Action {}

  /** Answer with a {@code Location}. */
  public record Redirect(int status, String location) implements Action {}

  /** Answer by itself. */
  public record Direct(int status, Body body) implements Action {}

  /**
   * Nothing that may be done: answer with the cause's status.
   *
   * @param why for the log; empty where the cause says all
   */
  public record Refuse(ProxyFailure.Cause cause, String why) implements Action {
    public Refuse(ProxyFailure.Cause cause) {
      this(cause, "");
    }
  }

  /**
   * Answer as an external authorizer said, or as is said where it does not.
   *
   * @param status of the answer; a call of gRPC gets the status of gRPC that stands for it
   * @param reason for the signals
   */
  public record Denied(int status, MultiMap headers, Buffer body, ProxyFailure reason)
      implements Action {}

  /**
   * An injected fault that the draw hit: a delay, an abort, or both.
   *
   * @param delay zero for none
   * @param httpStatus of the abort, 200 to 599
   * @param grpcStatus of the abort, 0 to 16
   */
  public record Fault(Duration delay, OptionalInt httpStatus, OptionalInt grpcStatus) {}

  /** The same with another path or query to send. */
  public Decision towards(String other) {
    return new Decision(route, action, other, authority, fault, mirrors);
  }

  /** No rule matched: 404 with its cause. */
  public static Decision noRoute(RequestHead head) {
    return refused(head, new Refuse(ProxyFailure.Cause.NO_ROUTE));
  }

  /** For a request to another server than its connection met. */
  public static Decision misdirected(RequestHead head) {
    return refused(head, new Refuse(ProxyFailure.Cause.MISDIRECTED_REQUEST));
  }

  /**
   * For a request that its caller may not make.
   *
   * @param by who says so, for the log
   */
  public static Decision denied(RequestHead head, String by) {
    return refused(head, new Refuse(ProxyFailure.Cause.DENIED, by));
  }

  /**
   * For a request whose token does not count.
   *
   * @param why for its caller and the log
   */
  public static Decision unauthenticated(RequestHead head, String why) {
    return refused(head, new Refuse(ProxyFailure.Cause.UNAUTHENTICATED, why));
  }

  /**
   * For a request that goes nowhere.
   *
   * @param refusal what it is answered
   */
  public static Decision refused(RequestHead head, Action refusal) {
    return new Decision(
        RouteId.NONE, refusal, head.target(), head.authority(), Optional.empty(), List.of());
  }
}
