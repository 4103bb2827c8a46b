package dev.afterbay.server;

import picocli.CommandLine.Command;

/** What concerns Amazon SNS. */
@Command(
    name = "sns",
    description = "Helps to set up Amazon SNS.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class SnsCommand {
  /*
   * Fits SNS's hard limit of 3600 s whatever the backoff function: 2 x 5 + 10 x 60 + 48 x 60 =
   * 3490 s (sns.md 3).
   */
  private static final String POLICY =
      """
      {
        "healthyRetryPolicy": {
          "minDelayTarget": 5,
          "maxDelayTarget": 60,
          "numRetries": 60,
          "numNoDelayRetries": 0,
          "numMinDelayRetries": 2,
          "numMaxDelayRetries": 48,
          "backoffFunction": "exponential"
        },
        "throttlePolicy": {
          "maxReceivesPerSecond": 50
        }
      }\
      """;

  @Command(
      description = "Prints the delivery policy to give the subscription: SNS tries for an hour.",
      mixinStandardHelpOptions = true)
  int policy() {
    System.out.println(POLICY);
    return ExitCode.STOPPED;
  }
}
