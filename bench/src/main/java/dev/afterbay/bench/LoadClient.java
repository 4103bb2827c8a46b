package dev.afterbay.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.function.IntFunction;
import javax.net.ssl.SSLContext;

/**
 * The process that puts load on a server. Each line of its input is a task, each line of its output
 * what came of one.
 *
 * <p>It shares the processors with the server that it measures. So it is one thread with one
 * selector, requests are made once and sent again and again, and of an answer it reads no more than
 * it must.
 */
public final class LoadClient {

  private LoadClient() {}

  /**
   * @param arguments the URL of the server, and for TLS the store that has its certificate
   */
  public static void main(String[] arguments) throws IOException, GeneralSecurityException {
    URI server = URI.create(arguments[0]);
    InetSocketAddress address = new InetSocketAddress(server.getHost(), server.getPort());
    SSLContext tls =
        arguments.length < 2 ? null : TlsWire.trusting(Path.of(arguments[1]), SnsMessages.PASSWORD);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Task task = Task.parse(line);
      Task.Result result = new Connections(address, tls).run(task.connections(), scripts(task));
      System.out.println(result.line());
    }
  }

  private static IntFunction<Script> scripts(Task task) throws IOException {
    return switch (task.kind()) {
      case SEND, JOB -> {
        byte[] request =
            task.kind() == Task.Kind.SEND
                ? Requests.send(task.target(), BenchPayload.text())
                : Requests.job(task.target(), BenchPayload.text());
        Script.Budget budget = Script.Budget.of(task);
        yield _ -> new Script.Same(request, 1, budget);
      }
      case BATCH -> {
        byte[] request = Requests.batch(task.target(), BenchPayload.text(), task.batch());
        Script.Budget budget = Script.Budget.of(task);
        yield _ -> new Script.Same(request, task.batch(), budget);
      }
      case WORK -> {
        Script.Budget budget = Script.Budget.of(task);
        yield _ -> new Script.Work(task.target(), task.batch(), budget);
      }
      case SNS -> {
        SnsMessages.Reader messages = SnsMessages.open(Path.of(task.target()));
        yield _ -> new Script.Each(messages);
      }
    };
  }
}
