package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.ParseException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class CommandTest {
  private final List<Arguments> ran = new ArrayList<>();

  private final Command command =
      new Command("fill", "Fills.", this::run)
          .required("from", "NAME", "Where from.")
          .option("litres", "N", "How much.");

  private int run(Arguments given) {
    ran.add(given);
    return ExitCode.STOPPED;
  }

  @Test
  void aValueComesAfterTheOptionOrAnEqualsSign() throws Exception {
    for (List<String> arguments :
        List.of(
            List.of("--from", "a=\"b\"", "--litres", "-1"),
            List.of("--from=a=\"b\"", "--litres=-1"))) {
      Arguments given = command.parse(arguments);
      assertThat(given.value("from")).isEqualTo("a=\"b\"");
      assertThat(given.value("litres", 7, Integer::valueOf)).isEqualTo(-1);
    }
    assertThat(command.parse(List.of("--from=")).value("from")).isEmpty();
  }

  @Test
  void whatIsLeftOutHasItsDefault() throws Exception {
    Arguments given = command.parse(List.of("--from", "a"));
    assertThat(given.value("litres")).isNull();
    assertThat(given.value("litres", 7, Integer::valueOf)).isEqualTo(7);
    assertThat(given.values("litres")).isEmpty();
  }

  @Test
  void anOptionIsGivenOnceUnlessAllItsValuesAreAskedFor() throws Exception {
    Arguments given = command.parse(List.of("--from=a", "--litres", "1", "--litres=2"));
    assertThat(given.values("litres")).containsExactly("1", "2");
    assertMisused(() -> given.value("litres"), "--litres");
  }

  @Test
  void aNumberThatIsNoneIsMisuse() throws Exception {
    Arguments given = command.parse(List.of("--from=a", "--litres=many"));
    assertMisused(() -> given.value("litres", 7, Integer::valueOf), "--litres: many");
  }

  @Test
  void whatACommandDoesNotKnowIsMisuse() {
    assertMisused(() -> command.parse(List.of("--from=a", "--liters=1")), "--liters");
    assertMisused(() -> command.parse(List.of("--from=a", "--lit=1")), "--lit");
    assertMisused(() -> command.parse(List.of("--from=a", "lots")), "lots");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertMisused(() -> command.parse(List.of()), "from");
    assertMisused(() -> command.parse(List.of("--from")), "from");
    assertMisused(() -> command.parse(List.of("--from", "--litres", "1")), "from");
  }

  @Test
  void operandsAreTakenWhereTheyAreExpected() throws Exception {
    Command many = new Command("sum", "Adds.", this::run).operands("N");
    Arguments given = many.parse(List.of("1", "2", "x"));
    assertThat(many.parse(List.of("1", "2")).operands(Integer::valueOf)).containsExactly(1, 2);
    assertMisused(() -> given.operands(Integer::valueOf), "x");
  }

  @Test
  void aMenuRunsTheCommandThatIsNamed() throws Exception {
    CommandGroup group = new CommandGroup("tank", "Tanks.", List.of(command));
    assertThat(group.run("tank", List.of("fill", "--from=a"))).isEqualTo(ExitCode.STOPPED);
    assertThat(ran).hasSize(1);
    for (List<String> wrong :
        List.of(List.<String>of(), List.of("empty"), List.of("--fill"), List.of("fill", "now"))) {
      assertThat(group.run("tank", wrong)).isEqualTo(ExitCode.CONFIGURATION);
    }
    assertThat(ran).hasSize(1);
  }

  @Test
  void helpIsNoRunAndNothingIsMissingForIt() throws Exception {
    CommandGroup group = new CommandGroup("tank", "Tanks.", List.of(command));
    for (List<String> asking :
        List.of(
            List.of("--help"), List.of("-h"), List.of("fill", "-h"), List.of("fill", "--help"))) {
      assertThat(group.run("tank", asking)).isEqualTo(ExitCode.STOPPED);
    }
    assertThat(ran).isEmpty();
  }

  private static void assertMisused(ThrowingCallable call, String named) {
    assertThatThrownBy(call).isInstanceOf(ParseException.class).hasMessageContaining(named);
  }
}
