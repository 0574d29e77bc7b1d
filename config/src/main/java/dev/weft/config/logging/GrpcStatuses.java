package dev.weft.config.logging;

import java.util.List;

/**
 * Names of the statuses of gRPC, as gRPC and as lines of the access log write them.
 *
 * <p>Source: Envoy's {@code GRPC_STATUS}.
 */
public final class GrpcStatuses {

  /** {@code InvalidArgument}; what is written where nothing is said. */
  public static final String CAMEL = "CAMEL_STRING";

  /** {@code INVALID_ARGUMENT}. */
  public static final String SNAKE = "SNAKE_STRING";

  /** {@code 3}. */
  public static final String NUMBER = "NUMBER";

  /** As gRPC itself writes them; the place of each is its number. */
  public static final List<String> SNAKES =
      List.of(
          "OK",
          "CANCELLED",
          "UNKNOWN",
          "INVALID_ARGUMENT",
          "DEADLINE_EXCEEDED",
          "NOT_FOUND",
          "ALREADY_EXISTS",
          "PERMISSION_DENIED",
          "RESOURCE_EXHAUSTED",
          "FAILED_PRECONDITION",
          "ABORTED",
          "OUT_OF_RANGE",
          "UNIMPLEMENTED",
          "INTERNAL",
          "UNAVAILABLE",
          "DATA_LOSS",
          "UNAUTHENTICATED");

  static final List<String> FORMS = List.of(CAMEL, SNAKE, NUMBER);

  private static final List<String> CAMELS =
      List.of(
          "OK",
          "Canceled",
          "Unknown",
          "InvalidArgument",
          "DeadlineExceeded",
          "NotFound",
          "AlreadyExists",
          "PermissionDenied",
          "ResourceExhausted",
          "FailedPrecondition",
          "Aborted",
          "OutOfRange",
          "Unimplemented",
          "Internal",
          "Unavailable",
          "DataLoss",
          "Unauthenticated");

  private GrpcStatuses() {}

  /**
   * A status as it is written; the number itself where it has no name.
   *
   * @param form one of the three
   * @param number in decimal digits
   */
  public static String written(String form, String number) {
    int index = Integer.parseInt(number);
    if (form.equals(NUMBER) || index < 0 || index >= CAMELS.size()) {
      return number;
    }
    return (form.equals(SNAKE) ? SNAKES : CAMELS).get(index);
  }
}
