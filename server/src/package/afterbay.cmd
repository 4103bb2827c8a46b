@echo off
rem Starts Afterbay on Windows. What the shell script beside it says of its options holds here too.
rem
rem   AFTERBAY_JAVA_HOME   the JDK 25 or newer to take (else JAVA_HOME, else java on the PATH)
rem   AFTERBAY_JAVA_OPTS   more options for the JVM, such as -Xmx512m
rem   AFTERBAY_PROFILE     small: a heap for 256 MiB in all
setlocal
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
if defined AFTERBAY_JAVA_HOME set "JAVA=%AFTERBAY_JAVA_HOME%\bin\java"
"%JAVA%" --version 2>nul | findstr /r /c:"^[a-z]* 2[5-9]" /c:"^[a-z]* [3-9][0-9]" >nul
if errorlevel 1 (
  echo afterbay needs a JDK 25 or newer: set AFTERBAY_JAVA_HOME or JAVA_HOME 1>&2
  exit /b 1
)
set "HEAP="
if not defined AFTERBAY_JAVA_OPTS set "HEAP=-Xms64m -XX:NewSize=48m"
if "%AFTERBAY_PROFILE%"=="small" set "HEAP=-Xmx98304k -XX:MaxDirectMemorySize=26214k"
"%JAVA%" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:+DisplayVMOutputToStderr ^
  -Dio.netty.jfr.enabled=false -Dvertx.disableDnsResolver=true ^
  -XX:+UseSerialGC -XX:SurvivorRatio=4 -XX:TargetSurvivorRatio=90 %HEAP% %AFTERBAY_JAVA_OPTS% ^
  -jar "%~dp0afterbay.jar" %*
exit /b %ERRORLEVEL%
