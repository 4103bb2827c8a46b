# Builds the image from source, where there is no JDK: docker build -t afterbay .
# The same as ./mvnw -Ppackage verify makes as server/target/afterbay-image.tar. ImageIT compares the two.

FROM eclipse-temurin:25-jdk AS build
WORKDIR /src
COPY . .
# The folders with an owner of their own go aside, as COPY gives an owner only to what was not there before.
RUN ./mvnw -B -Ppackage -DskipTests -pl server -am verify \
  && mkdir /own && mv server/target/package/image/data server/target/package/image/tmp /own/

FROM scratch
COPY --from=build /src/server/target/package/image/ /
COPY --from=build --chown=65532:65532 /own/data /data
COPY --from=build --chown=65532:65532 /own/tmp /tmp
ENV AFTERBAY_DATA=/data AFTERBAY_HTTP_ADDRESS=0.0.0.0 MALLOC_ARENA_MAX=1 PATH=/opt/afterbay:/bin ROCKSDB_MUSL_LIBC=false
USER 65532:65532
WORKDIR /etc/afterbay
VOLUME /data
EXPOSE 8080/tcp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["/opt/afterbay/afterbay", "health"]
ENTRYPOINT ["/opt/afterbay/afterbay"]
CMD ["serve"]
