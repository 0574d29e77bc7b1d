package dev.weft.config.problem;

/** The codes of problems: stable, greppable, explained in {@code docs/problems.md}. */
public final class Codes {

  public static final String YAML = "WF100";
  public static final String WRONG_TYPE = "WF101";
  public static final String UNKNOWN_FIELD = "WF102";
  public static final String UNKNOWN_VALUE = "WF103";
  public static final String OUT_OF_RANGE = "WF104";
  public static final String MISSING_FIELD = "WF105";
  public static final String CONFLICT = "WF106";
  public static final String REGEX = "WF107";
  public static final String DURATION = "WF108";
  public static final String HOST = "WF109";
  public static final String DUPLICATE_KEY = "WF110";
  public static final String TOO_LARGE = "WF111";
  public static final String TAG = "WF112";
  public static final String UNKNOWN_KIND = "WF113";
  public static final String DUPLICATE_NAME = "WF114";
  public static final String UNKNOWN_HOST = "WF120";
  public static final String UNKNOWN_SUBSET = "WF121";
  public static final String UNREACHABLE = "WF122";
  public static final String MERGED = "WF123";
  public static final String NOT_HONOURED = "WF124";
  public static final String SECURITY_NOT_HONOURED = "WF125";
  public static final String NO_IDENTITY = "WF126";
  public static final String DELEGATE = "WF127";
  public static final String UNKNOWN_GATEWAY = "WF128";
  public static final String DEPRECATED = "WF129";
  public static final String TRAP = "WF130";
  public static final String UNATTACHED = "WF131";
  public static final String UNKNOWN_PORT = "WF132";
  public static final String UNKNOWN_SECRET = "WF133";
  public static final String UNKNOWN_RULE = "WF134";
  public static final String UNKNOWN_PROVIDER = "WF135";
  public static final String PARTLY_SHADOWED = "WF136";
  public static final String DEAD = "WF137";
  public static final String CONTRADICTORY = "WF138";
  public static final String UNSERVED = "WF139";
  public static final String RETRIES = "WF140";
  public static final String WEIGHTS = "WF141";
  public static final String EXCLUDED = "WF142";
  public static final String DENIED_WHOLE = "WF143";
  public static final String NO_REQUESTS = "WF144";

  private Codes() {}
}
