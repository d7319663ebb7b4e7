import { testLiveDatabase } from './live-store-idb.suite';

testLiveDatabase();
