package dev.afterbay.http;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The page for operators: one HTML, its scripts and its style, nothing from elsewhere. */
final class PageRoutes {
  /*
   * What a page shows was written by strangers. The policy lets nothing run but the scripts
   * below, and these set text only.
   */

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " worker-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private PageRoutes() {}

  static List<Route> routes() {
    return List.of(
        file("/", "page/index.html", "text/html; charset=utf-8"),
        script("page.js"),
        script("page-text.js"),
        script("page-job.js"),
        script("page-events.js"),
        script("page-schedules.js"),
        file("/page.css", "page/page.css", "text/css; charset=utf-8"));
  }

  private static Route script(String name) {
    return file("/" + name, "page/" + name, "text/javascript; charset=utf-8");
  }

  private static Route file(String path, String name, String contentType) {
    Map<String, String> headers =
        Map.of(
            "Content-Security-Policy", POLICY,
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cache-Control", "no-cache");
    Supplier<byte[]> file = Resources.later(name);
    return Route.get(
        path, Scope.OPERATE, _ -> Response.of(200, contentType, file.get()).headers(headers));
  }
}
