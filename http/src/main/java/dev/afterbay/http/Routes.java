package dev.afterbay.http;

import dev.afterbay.Limits;
import dev.afterbay.client.wire.JobWire;
import java.util.ArrayList;
import java.util.List;

/** All calls of the API, in the order of http-api.md. */
final class Routes {

  private final List<Route> all = new ArrayList<>();

  Routes(HttpApiServices services, InFlightRequests inFlight, boolean onLoopback) {
    Limits limits = services.broker().queue(JobWire.QUEUE_DEFAULT).limits();
    SteadyClock clock = new SteadyClock(services.clock());
    JobsRoutes jobs = new JobsRoutes(services, clock, limits);
    all.addAll(jobs.routes());
    all.addAll(new ArchiveRoutes(services, clock, inFlight, limits).routes());
    all.addAll(new QueuesRoutes(services).routes());
    services
        .broker()
        .schedules()
        .ifPresent(
            schedules -> all.addAll(new SchedulesRoutes(services, schedules, limits).routes()));
    all.addAll(new MessagesRoutes(services, inFlight, limits).routes());
    all.addAll(new DeadLettersRoutes(services, inFlight, limits).routes());
    all.addAll(new SessionsRoutes(services, inFlight).routes());
    all.addAll(new EventsRoutes(services, inFlight).routes());
    SnsWebhook sns = services.sns();
    if (sns != null) {
      all.addAll(new SnsRoutes(sns, services.steps(), inFlight).routes());
    }
    all.addAll(new BackupRoutes(services, inFlight).routes());
    OperationRoutes operation = new OperationRoutes(services, inFlight, limits, onLoopback);
    all.addAll(operation.routes());
    all.addAll(new OverviewRoutes(services, limits, jobs, operation).routes());
    all.addAll(PageRoutes.routes());
  }

  List<Route> all() {
    return all;
  }
}
