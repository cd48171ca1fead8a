@echo off
rem Fenhe node on Windows. NOT RUN ON WINDOWS so far: try it with invented data first.
setlocal
chcp 65001 >nul
set PYTHONUTF8=1
py -3.12 "%~dp0start.py" fenhe_node %*
exit /b %ERRORLEVEL%
