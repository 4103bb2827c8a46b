package dev.afterbay.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.afterbay.store.Clock;
import dev.afterbay.store.SystemClock;
import dev.afterbay.worker.Handler;
import dev.afterbay.worker.HandlerFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The arrows between modules and packages, and what types may be called (house-rules.md). */
final class ArchitectureTest {
  private static final String API = "dev.afterbay";
  private static final String STORE = "dev.afterbay.store";
  private static final String RULES = "dev.afterbay.rules";
  private static final String LEDGER = "dev.afterbay.ledger";
  private static final String ENGINE = "dev.afterbay.engine";
  private static final String WORKER = "dev.afterbay.worker";
  private static final String[] CORE = {API, STORE, RULES, LEDGER, ENGINE, WORKER};

  private static final String CLIENT = "dev.afterbay.client..";
  private static final String WIRE = "dev.afterbay.client.wire";
  private static final String HTTP = "dev.afterbay.http..";

  /**
   * Modules of which none may know another, but for the server end of HTTP, which maps to the wire
   * as the client does. Only this one, the server, knows them all.
   */
  private static final List<String> RAYS =
      List.of("dev.afterbay.rocksdb..", CLIENT, HTTP, "dev.afterbay.handlers..");

  /** What users of core hold. */
  private static final List<String> USERS_API = List.of(API, WORKER);

  /** The contracts and their tools: public is what they are for. */
  private static final String KIT = "dev.afterbay.contract";

  private static final List<Class<?>> CLOCK_TYPES =
      List.of(Clock.class, Clock.Alarm.class, Clock.Source.class, SystemClock.class);

  private static final int HIDDEN_PERCENT_MIN = 70;
  private static final int API_TYPES_MAX = 45;
  private static final int PORT_TYPES_MAX = 12;
  private static final int FILE_LINES_MAX = 400;
  private static final int METHOD_LINES_MAX = 40;
  private static final int COMMENTS_PERCENT_MIN = 20;

  /** They make all parts of a thing and close them in the right order, and so know them all. */
  private static final Set<String> MANY_COLLABORATORS = Set.of("OpenStore");

  /** Where this test is, whatever the build calls the folder. */
  private static final String OWN_CLASSES =
      ArchitectureTest.class.getProtectionDomain().getCodeSource().getLocation().getPath();

  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(where -> !where.contains(OWN_CLASSES))
          .importPackages(API);

  @Test
  void coreDependsOnTheJdkOnly() {
    classes()
        .that()
        .resideInAnyPackage(CORE)
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(CORE).or(resideInAnyPackage("java..")))
        .check(ALL);
  }

  @Test
  void arrowsWithinCorePointInward() {
    noClasses()
        .that()
        .resideInAPackage(API)
        .and()
        .doNotHaveSimpleName("Providers") // So that all brokers are found from one type.
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(STORE, RULES, LEDGER, ENGINE, WORKER)
        .because("the API knows no room behind it: move the type, or hand it in by an interface")
        .check(ALL);
    mustNotKnow(STORE, RULES, LEDGER, ENGINE, WORKER);
    mustNotKnow(RULES, LEDGER, ENGINE, WORKER);
    mustNotKnow(LEDGER, ENGINE, WORKER);
    mustNotKnow(ENGINE, LEDGER, WORKER);
    mustNotKnow(WORKER, RULES, LEDGER, ENGINE);
  }

  @Test
  void rulesArePure() {
    classes()
        .that()
        .resideInAPackage(RULES)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                API, STORE, RULES, "java.lang..", "java.time", "java.util", "org.jspecify.."))
        .because("rules have no input, output, threads or chance: hand in what they need")
        .check(ALL);
  }

  @Test
  void workersGoByTheApiAndTheClockOfAStore() {
    noClasses()
        .that()
        .resideInAPackage(WORKER)
        .should()
        .dependOnClassesThat(
            resideInAPackage(STORE).and(not(belongToAnyOf(CLOCK_TYPES.toArray(Class<?>[]::new)))))
        .because("a worker runs on any broker, also one elsewhere: use Queue and Receiver")
        .check(ALL);
  }

  private static void mustNotKnow(String room, String... others) {
    noClasses()
        .that()
        .resideInAPackage(room)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .because("arrows between the rooms of core point inward (docs/decisions, ARCHITECTURE.md)")
        .check(ALL);
  }

  @Test
  void modulesAreAStar() {
    for (String ray : RAYS) {
      String[] others =
          RAYS.stream()
              .filter(other -> !other.equals(ray))
              .filter(other -> !(ray.equals(HTTP) && other.equals(CLIENT)))
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(ray)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(others).or(resideInAnyPackage("dev.afterbay.server..")))
          .check(ALL);
    }
  }

  @Test
  void theClientDependsOnCoreAndJacksonOnly() {
    classes()
        .that()
        .resideInAPackage(CLIENT)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(CORE)
                .or(
                    resideInAnyPackage(
                        CLIENT, "tools.jackson..", "java..", "javax.net.ssl..", "org.jspecify..")))
        .check(ALL);
  }

  /** So that whoever embeds a module gets no logging library, and may have any. */
  @Test
  void oneBridgeKnowsTheLibraryThatLogs() {
    noClasses()
        .that()
        .haveNameNotMatching(
            "dev\\.afterbay\\.server\\.(SystemLogging|LogLines|LogAppender)(\\$.*)?")
        .and()
        .resideOutsideOfPackage("dev.afterbay.contract..") // It listens to the JDK's.
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.slf4j..", "ch.qos.logback..", "java.util.logging..")
        .check(ALL);
  }

  @Test
  void theServerNamesNoHandler() {
    noClasses()
        .that()
        .resideInAPackage("dev.afterbay.server..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.afterbay.handlers..")
                .and(assignableTo(Handler.class).or(assignableTo(HandlerFactory.class))))
        .check(ALL);
  }

  @Test
  void onlyTheTwoEndsAndTheConfigurationMapToTheWire() {
    noClasses()
        .that()
        .resideOutsideOfPackages(CLIENT, HTTP, "dev.afterbay.server..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(WIRE)
        .check(ALL);
    noClasses()
        .that()
        .resideInAPackage(HTTP)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.afterbay.client")
        .check(ALL);
  }

  @Test
  void coreAsksItsStoreForTheTime() {
    noClasses()
        .that()
        .resideInAnyPackage(CORE)
        .and()
        .doNotHaveSimpleName("SystemClock")
        .and()
        .doNotHaveFullyQualifiedName("dev.afterbay.Retry$Time$1") // Waits in its caller's thread.
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Math.class, "random")
        .check(ALL);
  }

  @Test
  void textIsNotMadeInTheLanguageOfTheMachine() throws IOException {
    noClasses().should().accessTargetWhere(new ImplicitLocale()).check(ALL);
    for (String builtLater : List.of("bench", "examples")) {
      assertThat(ImplicitLocale.in(Path.of("..", builtLater, "src", "main"))).isEmpty();
    }
  }

  @Test
  void theRuleOnLanguagesFindsWhatItForbids() throws IOException {
    @SuppressWarnings({"UnusedMethod", "StringCaseLocaleUsage"}) // They are there to be found.
    class Forbidden {
      String lower(String text) {
        return text.toLowerCase();
      }

      String reference(List<String> texts) {
        return texts.stream().map(String::toUpperCase).findFirst().orElseThrow();
      }

      String formatted(int number) {
        return "%d".formatted(number);
      }

      String allowed(int number) {
        return String.format(Locale.ROOT, "%d", number).toLowerCase(Locale.ROOT);
      }
    }

    JavaClasses forbidden = new ClassFileImporter().importClasses(Forbidden.class);
    String report =
        noClasses()
            .should()
            .accessTargetWhere(new ImplicitLocale())
            .evaluate(forbidden)
            .getFailureReport()
            .toString();
    assertThat(report).contains("lower", "reference", "formatted").doesNotContain("allowed");
    assertThat(ImplicitLocale.in(Path.of("src", "test", "java", "dev", "afterbay", "server")))
        .anyMatch(place -> place.contains("ArchitectureTest.java:"));
  }

  @Test
  void aThingIsNamedAfterWhatItIs() {
    noClasses()
        .should()
        .haveNameMatching(".*(Util|Utils|Common|Helper|Impl|Manager|Base|Misc)")
        .orShould()
        .haveNameMatching(".*\\.(Abstract|Base)[A-Z][A-Za-z]*")
        .orShould()
        .resideInAnyPackage("..util..", "..common..", "..helper..", "..impl..", "..misc..")
        .check(ALL);
  }

  @Test
  void mostTypesBehindTheApiAreHidden() {
    List<JavaClass> types =
        topLevelTypes()
            .filter(type -> !isOfAny(type, USERS_API) && !isOfAny(type, List.of(KIT)))
            .toList();
    long hidden = types.stream().filter(type -> !isPublic(type)).count();
    List<String> open =
        types.stream().filter(ArchitectureTest::isPublic).map(JavaClass::getName).toList();
    assertThat(hidden * 100)
        .as(
            "%d of %d types are hidden, %d %% must be: make one package-private of %s",
            hidden, types.size(), HIDDEN_PERCENT_MIN, open)
        .isGreaterThanOrEqualTo((long) HIDDEN_PERCENT_MIN * types.size());
  }

  @Test
  void theApiOfCoreCanBeLearnt() {
    List<String> types =
        topLevelTypes()
            .filter(type -> isOfAny(type, USERS_API) && isPublic(type))
            .map(JavaClass::getName)
            .toList();
    assertThat(types)
        .as("hide a type, or nest it in the one that it belongs to")
        .hasSizeLessThanOrEqualTo(API_TYPES_MAX);
  }

  @Test
  void thePortIsSmall() {
    assertThat(topLevelTypes().filter(type -> isOfAny(type, List.of(STORE))))
        .as("what a store need not know belongs into rules or ledger, or nested in another type")
        .hasSizeLessThanOrEqualTo(PORT_TYPES_MAX);
  }

  @Test
  void aClassHasFewCollaborators() {
    List<String> found = new ArrayList<>();
    for (JavaClass type : ALL) {
      List<String> collaborators = Collaborators.of(type);
      if (collaborators.size() > Collaborators.MAX
          && !MANY_COLLABORATORS.contains(type.getSimpleName())) {
        found.add(type.getName() + " has " + collaborators.size() + ": " + collaborators);
      }
    }
    assertThat(found)
        .as("%d at most: some of them belong together in a class", Collaborators.MAX)
        .isEmpty();
  }

  @Test
  void aFileOfMainCanBeReadInOneGo() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : MainSources.ofAllModules()) {
      int lines = Files.readAllLines(file).size();
      if (lines > FILE_LINES_MAX) {
        found.add(file + ": " + lines + " lines");
      }
    }
    assertThat(found)
        .as("%d lines at most: what changes together is a file", FILE_LINES_MAX)
        .isEmpty();
  }

  @Test
  void aMethodFitsOnAScreen() throws IOException {
    assertThat(MainSources.methods(MainSources.ofAllModules()))
        .as("%d lines at most: name the steps and call them", METHOD_LINES_MAX)
        .filteredOn(method -> method.lines() > METHOD_LINES_MAX)
        .isEmpty();
  }

  @Test
  void coreSaysWhy() throws IOException {
    MainSources.Comments comments = MainSources.comments(MainSources.of("core"));
    assertThat(comments.percent())
        .as(
            "percent of lines that are comments, %s: say how and why in the classes that are hard",
            comments)
        .isGreaterThanOrEqualTo(COMMENTS_PERCENT_MIN);
  }

  private static Stream<JavaClass> topLevelTypes() {
    return ALL.stream()
        .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"));
  }

  private static boolean isOfAny(JavaClass type, List<String> packages) {
    return packages.contains(type.getPackageName());
  }

  private static boolean isPublic(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC);
  }
}
