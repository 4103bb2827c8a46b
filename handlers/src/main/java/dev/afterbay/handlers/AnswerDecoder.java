package dev.afterbay.handlers;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import java.util.List;

/** Reads answers, and takes what is no more than ugly in them. */
final class AnswerDecoder extends HttpResponseDecoder {
  /*
   * Netty loses the status where a carriage return stands in the reason, or twice at its end. It is
   * a blank to whoever reads a line of HTTP (RFC 9112, 2.2), and so it is made one before.
   */

  private static final int HEAD_BYTES_MAX = 64 << 10;

  /** No final one of the answer has come yet, so that what comes is a line of a head. */
  private boolean expectsStatus = true;

  AnswerDecoder() {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(HEAD_BYTES_MAX)
            .setMaxHeaderSize(HEAD_BYTES_MAX)
            .setValidateHeaders(false)
            .setStrictLineParsing(false)
            .setAllowDuplicateContentLengths(true));
  }

  /** Another answer is to come. */
  void expectStatus() {
    expectsStatus = true;
  }

  boolean isDrained() {
    return actualReadableBytes() == 0;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf bytes, List<Object> decoded)
      throws Exception {
    if (expectsStatus) {
      blankReturns(bytes);
    }
    super.decode(context, bytes, decoded);
  }

  /** In the first line; one that is the last byte may belong to its end. */
  private static void blankReturns(ByteBuf bytes) {
    int last = bytes.writerIndex() - 1;
    for (int i = bytes.readerIndex(); i < last && bytes.getByte(i) != '\n'; i++) {
      if (bytes.getByte(i) == '\r' && bytes.getByte(i + 1) != '\n') {
        bytes.setByte(i, ' ');
      }
    }
  }

  @Override
  protected HttpMessage createMessage(String[] statusLine) {
    HttpMessage head = super.createMessage(statusLine);
    expectsStatus =
        head instanceof HttpResponse answer
            && answer.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    return head;
  }
}
