package dev.afterbay.worker;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Queue;
import dev.afterbay.ReceiveOptions.Types;
import dev.afterbay.Receiver;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands before a real queue: notes what its receivers are asked, and disturbs them if told to. */
final class Recorder {

  /** Such as {@code 10 allBut [slow]}. */
  final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();

  /** Every claim fails. */
  volatile boolean failing;

  /** Every settlement fails so; null: none does. */
  volatile BrokerException settling;

  /** How often something was settled, or tried to be. */
  final AtomicInteger settlements = new AtomicInteger();

  /** What was claimed is handed out once this is open, whatever interrupts. */
  volatile CountDownLatch hold = new CountDownLatch(0);

  Queue over(Queue queue) {
    return (Queue)
        Proxy.newProxyInstance(
            Queue.class.getClassLoader(),
            new Class<?>[] {Queue.class},
            (_, method, arguments) -> {
              Object result = call(queue, method, arguments);
              return result instanceof Receiver receiver ? over(receiver) : result;
            });
  }

  private Receiver over(Receiver receiver) {
    return (Receiver)
        Proxy.newProxyInstance(
            Receiver.class.getClassLoader(),
            new Class<?>[] {Receiver.class},
            (_, method, arguments) -> {
              if (!method.getName().equals("receive")) {
                return call(receiver, method, arguments);
              }
              note(arguments);
              List<?> deliveries = (List<?>) call(receiver, method, arguments);
              awaitUninterruptibly(hold);
              return deliveries.stream().map(each -> over((Delivery) each)).toList();
            });
  }

  private Delivery over(Delivery delivery) {
    return (Delivery)
        Proxy.newProxyInstance(
            Delivery.class.getClassLoader(),
            new Class<?>[] {Delivery.class},
            (_, method, arguments) -> {
              if (method.getName().equals("settle")) {
                settlements.incrementAndGet();
                if (settling != null) {
                  throw settling;
                }
              }
              return call(delivery, method, arguments);
            });
  }

  private void note(Object[] arguments) {
    Types types = (Types) arguments[2];
    requests.add(arguments[0] + (types.only() ? " only " : " allBut ") + types.types());
    if (failing) {
      throw new BrokerException.Unavailable("starting");
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = Thread.interrupted();
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Object call(Object on, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(on, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
